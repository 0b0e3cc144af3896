"""The process that seals the log: tiles of its tree, signed checkpoints, witnesses."""
