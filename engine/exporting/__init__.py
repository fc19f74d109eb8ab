"""Taking answers away: documents, bibliographies and records that can be checked later."""
