"""防错纠错与整改: a notice of what to put right, a talk, a check, and what follows a failure."""
