"""The room of records: the only SQL of the house. Rows never leave it; what leaves are the nouns of the domain."""
