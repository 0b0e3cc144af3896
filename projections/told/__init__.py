"""The audit trail's words, a module for each kind of matter."""
