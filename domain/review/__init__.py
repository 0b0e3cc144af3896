"""申诉复核: a decision looked at again because the one it concerns asks for it."""
