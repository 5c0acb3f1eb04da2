"""Speed as ratios inside one run (`make bench`): the same machine, the same minute, a control beside each subject."""
