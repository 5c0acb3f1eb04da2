"""What has to be known of somebody before their first day: which checks, what was found, who waived one."""
