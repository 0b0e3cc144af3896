"""函询: a written question to one cadre, and the answer owed when the explanation is believed."""
