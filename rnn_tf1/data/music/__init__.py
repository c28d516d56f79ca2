"""Music: chorales, MIDI and sound."""
