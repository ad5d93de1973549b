"""Picture files: decoded, encoded, rendered, kept in shards, and worked on by all cores."""
