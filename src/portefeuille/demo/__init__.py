"""The demonstration: two firms, their members and clients, and who could be added next."""
