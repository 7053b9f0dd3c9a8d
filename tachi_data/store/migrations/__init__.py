"""Changes to stores that exist already, one ``NNNN_name.sql`` each, applied in order, once.

New tables, columns and struct members need none: they are added by comparing with the declarations.
A migration is for what that cannot do: renaming, retyping, moving rows. It runs in a transaction of
its own, before the comparison, and may meet a store that lacks a table: write ``IF EXISTS``. The
highest number is the schema version; a new store is made at it and runs none.
"""
