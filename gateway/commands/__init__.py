"""The command line, one file a subject. Data on stdout; progress and words of trouble on stderr."""
