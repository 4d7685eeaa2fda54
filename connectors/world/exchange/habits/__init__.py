"""What innocents do, habit by habit. Every habit is drawn day by day, so that no more than a day is held at once."""
