"""What an alert is told: configs, entities, recipients and answers, rendered when there is room to write."""
