"""The parts that training loops share."""
