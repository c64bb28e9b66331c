"""The body's agents: admitting firms, helping people, seeing who did what. Each look at personal data is audited."""
