"""Evidence that leaves the house: bundles of one matter, and the verifier that goes with them."""
