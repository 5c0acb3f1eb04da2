"""Who approves what at an employer, as data: groups in order with their quorum, exempt posts, deputies, deadlines."""
