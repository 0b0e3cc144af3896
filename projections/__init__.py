"""What readers see: tables folded from the log, any of which can be dropped and made again."""
