-- The version of the catalogue; 0 before anything was loaded.
SELECT coalesce(max(version), 0) FROM catalogue_versions
