"""The language of the academy: frozen dataclasses and pure rules, standard library only."""
