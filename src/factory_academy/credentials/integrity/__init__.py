"""Signed JSON documents: strict reading, one canonical form, Ed25519 proofs, and the keys of a did:web."""
