"""Hit to sound: the policy table, the sentences, the tones, the voice and its player."""
