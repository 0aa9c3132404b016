"""Class room: a code, a link and a picture to join by; every screen that follows shows what the teacher's shows."""

from ui import class_desk, narrative

PAGE = "class_room"

narrative.show(PAGE)
class_desk.show(PAGE)
narrative.rest(PAGE, "Open a class room", "Join a class", "Your class room", "You are in")
