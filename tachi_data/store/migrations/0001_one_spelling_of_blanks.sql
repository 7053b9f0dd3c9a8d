-- Titles are looked up with one space for each run of blanks, on both sides. A title as it is written becomes a
-- key of its own kind, because it wins where several songs have one key.
CREATE OR REPLACE TEMP MACRO one_spelling(words) AS coalesce(
    nullif(
        trim(
            regexp_replace(
                regexp_replace(words, '[\x{180E}\x{200B}\x{2060}\x{FEFF}]', '', 'g'),
                '[\x{09}-\x{0D}\x{1C}-\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]+',
                ' ',
                'g'
            )
        ),
        ''
    ),
    words
);

INSERT INTO song_keys BY NAME
SELECT DISTINCT songs.game, 'spelling' AS kind, named.artist_folded, songs.song_id, unnest(list_prepend(songs.title, songs.alt_titles)) AS key
FROM songs
JOIN song_keys AS named ON named.game = songs.game AND named.song_id = songs.song_id AND named.kind = 'song_id';

UPDATE song_keys
SET key = CASE
        WHEN kind IN ('title', 'folded_title')
        THEN one_spelling(key)
        ELSE key
    END,
    artist_folded = one_spelling(artist_folded);

UPDATE catalogue_changes
SET key = one_spelling(key)
WHERE kind IN ('title', 'folded_title');

-- An orphan whose key changed may find its song now.
UPDATE orphans
SET song_exact = coalesce(song_exact, song_key),
    song_key = one_spelling(song_key),
    artist = one_spelling(artist),
    due = CASE
        WHEN song_key IS DISTINCT FROM one_spelling(song_key)
        THEN 'one spelling of blanks'
        ELSE due
    END
WHERE song_kind IN ('title', 'folded_title');

-- Archived orphans have the same look-up when they are restored.
UPDATE orphan_archive
SET song_exact = coalesce(song_exact, song_key),
    song_key = one_spelling(song_key),
    artist = one_spelling(artist)
WHERE song_kind IN ('title', 'folded_title');
