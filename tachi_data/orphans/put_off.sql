-- Orphans of players whose import is running are due at the end of the run, or at the next one.
UPDATE orphans SET due = $run_id FROM busy WHERE busy.ordinal = orphans.ordinal
