"""ROOM: profiles and the GPU inventory."""
