"""Where a turn ends: clips made here, and how soon and how wrongly each way of telling tells."""
