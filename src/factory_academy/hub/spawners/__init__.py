"""Spawners for one machine; others join them later."""
