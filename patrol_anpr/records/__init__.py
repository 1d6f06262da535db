"""What is kept on the car: database, pictures, outbox, audit."""
