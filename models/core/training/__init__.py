"""The parts that training loops share, and the data and backbone that several capabilities share."""
