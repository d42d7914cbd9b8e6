"""The steps from an older history to a newer one; a step once shipped is never changed."""
