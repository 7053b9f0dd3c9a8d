-- One row is whose import this is.
SELECT user_id FROM imports WHERE import_id = $import
