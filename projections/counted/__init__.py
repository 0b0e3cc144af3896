"""What of each kind of matter is counted, a module for each."""
