"""A vacancy from its draft to its last opening: content, states, clearance, openings."""
