"""Rules on graft-versus-host disease."""
