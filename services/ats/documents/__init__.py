"""Files of candidates: sent with an application, in quarantine until clean, handed out from the shortlist on."""
