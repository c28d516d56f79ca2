"""For someone who is stuck: the doctor, and what an error message means."""
