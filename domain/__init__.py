"""The law and the matters: pure values and rules. Reads no clock, no network, no file."""
