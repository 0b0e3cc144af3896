"""诬告陷害: a suspicion of false accusation, from verification to disposal or education."""
