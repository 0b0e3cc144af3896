"""Charts as files: figures in, one standalone SVG out."""
