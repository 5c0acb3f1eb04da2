"""What candidates send beside their words: files, examined and scanned before anybody may have them."""
