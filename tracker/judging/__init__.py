"""What is believed: verdicts, witnesses, disagreements, holds."""
