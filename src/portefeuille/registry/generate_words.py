"""The words of the made-up register: towns with their real postcodes, names, trades. All people are invented."""

# Town, postcode, code of the organisme.
TOWNS = (
    ("Paris", "75011", "117"), ("Paris", "75018", "117"), ("Montreuil", "93100", "117"), ("Créteil", "94000", "117"),
    ("Versailles", "78000", "117"), ("Évry-Courcouronnes", "91000", "117"), ("L'Haÿ-les-Roses", "94240", "117"),
    ("Ajaccio", "20000", "200"), ("Bastia", "20200", "200"), ("Reims", "51100", "217"), ("Troyes", "10000", "217"),
    ("Amiens", "80000", "227"), ("Beauvais", "60000", "227"), ("Orléans", "45000", "247"), ("Tours", "37000", "247"),
    ("Bourges", "18000", "247"), ("Dijon", "21000", "267"), ("Nevers", "58000", "267"), ("Rouen", "76000", "287"),
    ("Le Havre", "76600", "287"), ("Caen", "14000", "287"), ("Lille", "59800", "317"), ("Roubaix", "59100", "317"),
    ("Arras", "62000", "317"), ("Metz", "57000", "417"), ("Nancy", "54000", "417"), ("Strasbourg", "67000", "427"),
    ("Mulhouse", "68100", "427"), ("Besançon", "25000", "437"), ("Nantes", "44000", "527"), ("Angers", "49000", "527"),
    ("Le Mans", "72000", "527"), ("Rennes", "35000", "537"), ("Brest", "29200", "537"), ("Quimper", "29000", "537"),
    ("Saint-Brieuc", "22000", "537"), ("Poitiers", "86000", "547"), ("La Rochelle", "17000", "547"),
    ("Bordeaux", "33000", "727"), ("Bayonne", "64100", "727"), ("Périgueux", "24000", "727"), ("Pau", "64000", "727"),
    ("Savignac-les-Églises", "24420", "727"), ("Toulouse", "31000", "737"), ("Albi", "81000", "737"),
    ("Cahors", "46000", "737"), ("Limoges", "87000", "747"), ("Guéret", "23000", "747"), ("Lyon", "69003", "827"),
    ("Villeurbanne", "69100", "827"), ("Grenoble", "38000", "827"), ("Saint-Étienne", "42000", "827"),
    ("Annecy", "74000", "827"), ("Clermont-Ferrand", "63000", "837"), ("Aurillac", "15000", "837"),
    ("Montpellier", "34000", "917"), ("Nîmes", "30000", "917"), ("Perpignan", "66000", "917"),
    ("Sète", "34200", "917"),
    ("Marseille", "13001", "937"), ("Nice", "06000", "937"), ("Toulon", "83000", "937"), ("Avignon", "84000", "937"),
    ("Pointe-à-Pitre", "97110", "971"), ("Fort-de-France", "97200", "972"), ("Cayenne", "97300", "973"),
    ("Saint-Denis", "97400", "974"), ("Mamoudzou", "97600", "976"),
)  # fmt: skip

FIRST_NAMES = (
    "Agnès", "Aïcha", "Alain", "Amélie", "Anaïs", "André", "Anne-Lise", "Arnaud", "Audrey", "Baptiste", "Benoît",
    "Bérénice", "Camille", "Céline", "Chloé", "Claire", "Clément", "Corentin", "Damien", "David", "Delphine", "Élise",
    "Élodie", "Émile", "Éric", "Estelle", "Fabien", "Fatima", "Florence", "François", "Françoise", "Gaëlle",
    "Geneviève", "Gérard", "Guillaume", "Hélène", "Hugo", "Inès", "Isabelle", "Jean-Baptiste", "Jérôme", "Joël",
    "Julien", "Karim", "Laëtitia", "Laurent", "Léa", "Loïc", "Louis", "Lucie", "Maëlle", "Marc", "Marie-Noëlle",
    "Mathieu", "Maxime", "Mohamed", "Nadia", "Naïma", "Nicolas", "Noémie", "Olivier", "Ousmane", "Pascal", "Pauline",
    "Philippe", "Quentin", "Raphaël", "Rémi", "Romain", "Sabrina", "Sébastien", "Solène", "Sophie", "Stéphane",
    "Sylvie", "Théo", "Thérèse", "Valérie", "Vincent", "Xavier", "Yannick", "Yves", "Zoé",
)  # fmt: skip

SURNAMES = (
    "Abadie", "Arnaud", "Aubry", "Bacœur", "Baudry", "Béranger", "Bernard", "Besnard", "Blanchet", "Bœuf", "Bonnet",
    "Bouchard", "Boyer", "Brunet", "Cadiou", "Camara", "Carré", "Castaing", "Chauvin", "Chevallier", "Cœurdevey",
    "Colin", "Cordier", "Courtois", "Cousin", "Da Silva", "D'Almeida", "Daniélou", "De La Tour", "Delœuvre", "Denis",
    "Descœurs", "Diallo", "Didier", "Dubois", "Dufour", "Dupré", "Durand", "Étienne", "Evrard", "Fabre", "Faÿ",
    "Ferrand", "Fouché", "Gaillard", "Garnier", "Gauthier", "Gérard", "Giraud", "Guérin", "Guéguen", "Guichard",
    "Hamon", "Haÿs", "Hébert", "Henry", "Hervé", "Hœrter", "Huet", "Jacquot", "Joly", "Julien", "Kerdoncuff", "Klein",
    "Kœnig", "Lacroix", "Lagrange", "Lambert", "Le Bihan", "Le Goff", "Lebœuf", "Lefèvre", "Legœuil", "Lemaître",
    "L'Hénoret", "L'Hostis", "Maçon", "Maillard", "Marchand", "Martel", "Ménard", "Mercier", "Mœglin", "Morel",
    "Müller", "N'Diaye", "Nguyen", "Noël", "O'Connor", "Olivier", "Paillœuf", "Pelletier", "Péron", "Perrin", "Petit",
    "Picard", "Prévost", "Quéméneur", "Renaud", "Rivière", "Rœsch", "Rousseau", "Sœur", "Sauvage", "Schmitt", "Simon",
    "Tanguy", "Tessier", "Thévenot", "Traoré", "Vaïsse", "Vasseur", "Vidal", "Vœgele", "Weber", "Yılmaz", "Zimmermann",
)  # fmt: skip

# Trade and NAF code.
SHOPS_AND_WORKSHOPS = (
    ("Boulangerie", "10.71C"), ("Pâtisserie", "10.71D"), ("Boucherie", "47.22Z"), ("Poissonnerie", "47.23Z"),
    ("Fromagerie", "47.29Z"), ("Épicerie", "47.11B"), ("Cave à vins", "47.25Z"), ("Librairie", "47.61Z"),
    ("Fleuriste", "47.76Z"), ("Pharmacie", "47.73Z"), ("Bijouterie", "47.77Z"), ("Quincaillerie", "47.52A"),
    ("Menuiserie", "43.32A"), ("Plomberie", "43.22A"), ("Électricité", "43.21A"), ("Couverture", "43.91B"),
    ("Maçonnerie", "43.99C"), ("Peinture", "43.34Z"), ("Serrurerie", "43.32B"), ("Carrosserie", "45.20A"),
    ("Garage", "45.20A"), ("Salon de coiffure", "96.02A"), ("Institut de beauté", "96.02B"), ("Café", "56.30Z"),
    ("Brasserie", "56.10A"), ("Hôtel", "55.10Z"), ("Taxi", "49.32Z"), ("Transports", "49.41B"), ("Paysage", "81.30Z"),
    ("Imprimerie", "18.12Z"), ("Ébénisterie", "31.09B"), ("Cordonnerie", "95.23Z"), ("Pressing", "96.01B"),
)  # fmt: skip

PLACES = (
    "de l'Ancien Lavoir", "de l'Étoile", "de la Cathédrale", "de la Fontaine", "de la Gare", "de la Mairie",
    "de la Place", "des Arènes", "des Cœurs vaillants", "des Deux Rives", "des Halles", "des Lices", "des Mûriers",
    "des Œillets", "des Remparts", "des Tilleuls", "du Bœuf couronné", "du Canal", "du Centre", "du Château",
    "du Chêne", "du Coin", "du Marché", "du Moulin", "du Pont", "du Port", "du Théâtre", "du Vieux Puits", "d'Armor",
    "d'Oc", "d'Artagnan", "de Bretagne", "de Provence", "du Forez", "du Léman", "du Vercors",
)  # fmt: skip

FREE_LIBERAL = (
    ("conseil en gestion", "70.22Z"), ("graphiste", "74.10Z"), ("traductrice", "74.30Z"), ("développeur", "62.01Z"),
    ("formateur", "85.59A"), ("photographe", "74.20Z"), ("rédactrice", "90.03B"), ("coach", "96.09Z"),
    ("urbaniste", "71.11Z"), ("naturopathe", "86.90F"), ("décoratrice", "74.10Z"), ("bureau d'études", "71.12B"),
)  # fmt: skip

REGULATED_LIBERAL = (
    ("médecin", "86.21Z"), ("infirmière", "86.90D"), ("chirurgien-dentiste", "86.23Z"), ("sage-femme", "86.90D"),
    ("masseur-kinésithérapeute", "86.90E"), ("avocate", "69.10Z"), ("architecte", "71.11Z"), ("notaire", "69.10Z"),
    ("vétérinaire", "75.00Z"), ("géomètre-expert", "71.12A"), ("expert-comptable", "69.20Z"),
    ("orthophoniste", "86.90E"),
)  # fmt: skip

STREETS = (
    "rue de la République", "rue Victor-Hugo", "avenue Jean-Jaurès", "place de l'Église", "rue du Général-de-Gaulle",
    "boulevard de l'Europe", "rue des Écoles", "chemin des Prés", "impasse de l'Œuvre", "quai de la Marne",
    "rue Gambetta", "allée des Érables", "cours Mirabeau", "zone artisanale de la Croix-Blanche", "rue Pasteur",
)  # fmt: skip

# Names that break programs: quotation marks, commas, what spreadsheets take for a formula, markup.
AWKWARD_NAMES = (
    "=2 Architectes", "+33 Communication", "@telier des Arts", "-20 Degrés Surgelés", 'Café "Chez l\'Œil"',
    "Dupré, Noël, L'Hostis et associés", "Fruits & Légumes <Bio>", "L'Œuf d'Ô", "Null", "SCI 1/2", "Ÿ", "100 % Vélo",
)  # fmt: skip

LONG_NAME = "Société coopérative d'intérêt collectif pour l'économie sociale, l'artisanat et les œuvres de "

FLAT_RATES = (
    ("94.00", "Forfait mensuel de début d'activité (exemple)"),
    ("282.00", "Forfait trimestriel de début d'activité (exemple)"),
    ("1128.00", "Forfait annuel de début d'activité (exemple)"),
    ("1145.00", "Forfait annuel, deuxième année (exemple)"),
)
