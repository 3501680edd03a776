"""``python -m chatwidget.practice`` serves the practice model."""

from chatwidget.practice.server import main

if __name__ == "__main__":
    main()
