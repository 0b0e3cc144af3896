"""What proves the log: leaves, the tree over them, signed notes, bundles. Pure; RFC 9162, C2SP."""
