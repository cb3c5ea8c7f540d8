import shophatch.egg
