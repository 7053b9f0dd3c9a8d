-- Appends the frame `inserted_rows` to a table by column name; columns it lacks are NULL.
INSERT INTO {table} BY NAME FROM inserted_rows
