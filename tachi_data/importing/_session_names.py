"""Random names for new sessions: two adjectives and a noun."""

from __future__ import annotations

import random

import polars as pl

ADJECTIVES = (
    "Amber Ancient Blazing Bold Bouncing Brave Bright Calm Careful Cheerful Clever Cosmic Crimson Crystal Curious "
    "Daring Dazzling Distant Dreamy Eager Electric Endless Fearless Fiery Flowing Frosty Gentle Glowing Golden "
    "Graceful Hidden Humming Icy Jolly Keen Lively Lucky Lunar Mellow Mighty Misty Neon Nimble Noble Patient "
    "Playful Quiet Radiant Rapid Restless Rising Roaring Shining Silent Silver Sleepy Smooth Solar Steady Stormy "
    "Sunny Swift Tireless Velvet Vivid Wandering Warm Wild Winding Witty"
).split()
NOUNS = (
    "Anthem Arcade Ballad Beacon Beat Bell Breeze Cascade Chord Chorus Comet Crescendo Current Dawn Drum Echo Ember "
    "Encore Falcon Firefly Fox Galaxy Garden Glacier Groove Harbour Harmony Horizon Jackdaw Lantern Lullaby Lynx "
    "Melody Meteor Mirage Moon Nebula Nocturne Ocean Orchard Otter Overture Petal Phoenix Prelude Prism Quartet "
    "Refrain Rhythm Ripple River Scratch Serenade Signal Sonata Spark Spiral Starfish Stream Summit Sunrise Swan "
    "Tempo Thunder Tide Turntable Voyage Waltz Waterfall Whirlwind"
).split()


def names_for(count: int) -> pl.Series:
    """That many names."""
    words = (random.choices(ADJECTIVES, k=count), random.choices(ADJECTIVES, k=count), random.choices(NOUNS, k=count))  # noqa: S311
    return pl.Series([" ".join(name) for name in zip(*words, strict=True)], dtype=pl.String)
