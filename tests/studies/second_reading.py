"""Every number of the five works, typed a second time from them: a slip of the finger in a study's file shows here.

Of each study by the place in the work; shares are shares, millions millions.
"""

from __future__ import annotations

NUMBERS = {
    "scratch": {
        "NumPy engine, MNIST": ".90 .90 .90 .90 .90",
        "NumPy engine, CIFAR-10 in grey": ".30 .30 .30 .30 .30",
        "TensorFlow, MNIST": ".9894 .9852 .9854 .9852 .9852",
        "TensorFlow, CIFAR-10": ".6785 .6336 .6336 .6439 .6308",
        # minutes per 1,000 images, hours of training, minutes of test, and the first as seconds of an image
        "times of the engine": "1.5 1000 2 20 .090   15 1000 2 20 .90",
    },
    "frameworks": {
        "Keras notebook": ".9105 .7256 1.3958 .7362 28 .8111 11 1095",  # 18.25 minutes
        "PyTorch notebook": ".7722 .5395",
        "text": ".90 10 15 900 10 15   .70 .75 6600   7   15 .1 .1",  # 15 and 110 minutes; the augmentation
        "parameters": "160202 356810",
        "figure 7": "21 59 37 -19 2   30 51 66 20 43   -14 31 49 101 -19   59 15 53 -2 21   49 57 64 76 10",
    },
    "hyperparameters": {
        "baseline": """
            .870 .875 .870 .872   .882 .885 .882 .883   .903 .904 .903 .902   .907 .910 .908 .908
            .892 .894 .892 .892
            """,
        "epochs of VGG16": """
            .842 .852 .842 .843   .861 .868 .861 .862   .864 .872 .864 .866   .871 .877 .871 .872
            .870 .875 .870 .872   .862 .883 .862 .866   .874 .880 .874 .875   .868 .882 .868 .873
            .860 .884 .861 .867
            """,
        "rates of VGG16": """
            .100 .110 .100 .018   .100 .110 .100 .019   .874 .880 .874 .875   .887 .889 .887 .887
            .895 .896 .895 .895   .878 .878 .878 .877
            """,
        "gains": "3.2 10 2",
    },
    "thesis-turku": {
        "parameters": "404010 111146 329194 328810 384 267178 266794 384",
        "LeNet-5": "156 2416 48120 10164 850 61706",
        "AlexNet": "34944 307456 885120 663936 442624 37752832 16781312 4097000 60965224",
        "connections": "14450688 352800 450",
        "matrix, MLP, CIFAR-10": ".52 .53 .35 .30 .35 .39 .47 .58 .58 .51",
        "matrix, CNN, CIFAR-10": ".82 .90 .68 .66 .71 .70 .86 .84 .92 .91",
        "matrix, CNN, Fashion-MNIST": ".86 .98 .90 .92 .93 .99 .86 .98 .98 .97",
        "matrix, MLP, Fashion-MNIST": ".84 .97 .82 .91 .80 .96 .96",
        "means": ".458 .800 .937",
        "galleries": "3 9 7 9 7 9 8 9",
        "curves": ".5 .4   .7 1 .7   .875 .85   .9",
        "recommended": ".9 .01 .25",
    },
    "thesis-cifar10": {
        "table 3.2": "551978 551274 704 18",
        "results": ".7874 5502   .7791 660   2122 21.22 7874 78.74",
        "table 2.1": """
            8 227 61.0 227    16 515 138 224   19 535 144 224   18 4.6 1.24 227   22 27 7.0 224   48 89 23.9 299
            201 77 20.0 224   53 13 3.5 224    18 44 11.7 224   50 96 25.6 224    101 167 44.6 224
            71 85 22.9 299    50 6.3 1.4 224   20 5.3 224       360 88.9 331
            """,
        "LeNet-5 per layer": "156 12 416 32 3000 10164 924",
        "residual networks": "3.57",
        "settings": ".25 5 20",
    },
}
